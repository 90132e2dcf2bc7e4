"""What curators run: ``python -m scripts COMMAND``. One command a module."""
