"""Arrays that hold their data losslessly in the smallest form found, and are ndarrays to the code that uses them."""
