/**
 * The shape of a resident's code (vault.sealToken): a key's name and 80 hexadecimal digits. Nothing in it can be read; but
 * what has another shape (a page's address, another system's picture) is known for no code at once, and without a network.
 */
export const RESIDENT_CODE = /^[A-Z\d_]+\.[\dA-F]{80}$/
