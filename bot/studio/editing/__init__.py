"""Acts of authors as values, made on a bundle, brought together with the acts of others."""
