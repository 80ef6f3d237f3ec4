"""One published network a file, and the registry that names them."""
