import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '#web/shared/tokens.css'
import './resident.css'
import { App } from './App.tsx'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

// Only a secure context (HTTPS or localhost) may install; elsewhere the page works without it.
if ('serviceWorker' in navigator && import.meta.env.PROD)
  navigator.serviceWorker.register('/sw.js').catch(() => undefined)
