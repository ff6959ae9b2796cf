import { existsSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const PAGES = ['resident', 'field', 'console', 'wall'] as const

const input = Object.fromEntries(
  PAGES.map((page) => [page, `web/${page}/index.html`] as const).filter(([, file]) => existsSync(file)),
)

export default defineConfig({
  plugins: [react()],
  publicDir: 'web/public',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 2_000,
    rollupOptions: { input },
  },
})
