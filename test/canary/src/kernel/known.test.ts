export const cheat = 1
