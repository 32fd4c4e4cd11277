"""What the stand-ins of QMT share: the line to the simulated counter, and code tables."""
