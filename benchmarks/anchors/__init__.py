"""Small servers to compare with, one file each; each listens on 127.0.0.1 at PORT."""
