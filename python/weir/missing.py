"""What a program asks for and Weir does not have."""


class Missing(NotImplementedError, AttributeError):
    """Names it. An AttributeError too, so that hasattr() and getattr(x, name, default) work on a facade."""
