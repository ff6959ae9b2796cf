import { createRoot } from 'react-dom/client'
import '#web/shared/tokens.css'
import './wall.css'
import './map.css'
import { App } from './App.tsx'

createRoot(document.getElementById('root')!).render(<App />)
