"""The rules and settings of a shop: their text, their forms, their drafts and versions."""
