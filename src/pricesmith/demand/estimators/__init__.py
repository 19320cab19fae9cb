"""Estimators of demand: pure functions of arrays, one method a file. They share sums of products that add (`moments`)."""
