"""The report of a pricing run: one self-contained HTML file."""
