"""`python -m neurarium` is the command `neurarium`."""

from neurarium.cli.main import main

if __name__ == "__main__":
    main()
