"""The command line. Modules here import Django and the rest only inside commands: --help is quick."""
