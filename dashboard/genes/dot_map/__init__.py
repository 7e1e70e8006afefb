"""The dot plot as a Streamlit component."""
