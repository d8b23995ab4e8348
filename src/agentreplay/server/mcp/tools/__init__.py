"""What other agents can ask for, one module for each subject."""
