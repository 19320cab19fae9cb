"""`python -m pricesmith`: the same as the installed command."""

from pricesmith.apps.cli.main import main

main()
