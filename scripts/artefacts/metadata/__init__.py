"""Metadata for catalogues, all from the descriptor, the schemas and the tables."""
