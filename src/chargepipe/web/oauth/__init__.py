"""Connect to Pipedrive in the browser: to its page, and back."""
