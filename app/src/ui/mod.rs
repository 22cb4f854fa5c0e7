//! What pages are made of. Knows nothing of the product, of its URLs or of the router.
