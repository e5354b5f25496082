"""Who may sign in and how often, and what is written down of people and their passwords."""
