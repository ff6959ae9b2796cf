export const care = 1
