"""The parts of the soak: what is done to an installation, and the laws that hold all the same."""
