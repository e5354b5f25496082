"""Message formats of alert senders, each read into one `df.intent`. Pure rules."""
