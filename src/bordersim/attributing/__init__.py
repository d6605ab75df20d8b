"""What explains a change between two periods: Shapley shares over factors of levers."""
