"""The price desk over HTTP: one table of routes, from which access, pages, their JSON twins and the OpenAPI document follow."""
