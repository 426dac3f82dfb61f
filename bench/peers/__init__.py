"""What Callspan is compared with: the same job on other stacks, and two servers that do nothing."""
