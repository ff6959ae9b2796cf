import { createRoot } from 'react-dom/client'
import '#web/shared/tokens.css'
import './field.css'
import './sampling.css'
import { App } from './App.tsx'

createRoot(document.getElementById('root')!).render(<App />)

if ('serviceWorker' in navigator && import.meta.env.PROD)
  navigator.serviceWorker.register('/sw.js').catch(() => undefined)
