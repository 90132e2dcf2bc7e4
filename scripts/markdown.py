"""Tables in Markdown."""


def row(*cells: str) -> str:
    """One row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def header(*cells: str) -> str:
    """The head of a table."""
    return row(*cells) + row(*("---" for _ in cells))
