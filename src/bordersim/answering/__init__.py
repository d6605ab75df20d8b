"""Answers to questions: scenarios over posterior draws, and what reports claim of them."""
