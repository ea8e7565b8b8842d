"""The networks of the methods: modules, and descriptions that build them."""
