"""What is wrong with flows, wording and translations, before anyone gets them."""
