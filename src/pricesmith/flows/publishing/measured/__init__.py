"""What prices did: promised against realised, and what people made of proposals."""
