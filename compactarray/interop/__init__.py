"""Other array libraries; each is imported in one module here, and only when it is needed."""
