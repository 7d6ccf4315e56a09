"""How the models in models/ were made: one reproducible command each."""
