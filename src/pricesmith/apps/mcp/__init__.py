"""What an assistant may ask of a shop, over the Model Context Protocol: looking, and keeping a draft policy for a person to judge."""
