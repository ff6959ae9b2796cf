import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useWords } from '#web/shared/language.ts'
import { hasCamera, scanWithCamera } from './scan.ts'

/** The camera as a scanner, where the browser can read codes; stays open, so that ten people are ten looks. */
export function Camera({ onText }: { onText: (text: string) => void }) {
  const t = useWords()
  const [can, setCan] = useState(false)
  const [open, setOpen] = useState(false)
  const [problem, setProblem] = useState(false)
  const video = useRef<HTMLVideoElement>(null)
  const heard = useEffectEvent(onText)
  useEffect(() => void hasCamera().then(setCan), [])
  useEffect(() => {
    if (!open || !video.current) return
    let stop: (() => void) | undefined
    let gone = false
    scanWithCamera(video.current, (text) => heard(text))
      .then((end) => {
        if (gone) end()
        else stop = end
      })
      .catch(() => {
        setProblem(true)
        setOpen(false)
      })
    return () => {
      gone = true
      stop?.()
    }
  }, [open])
  if (!can) return null
  return (
    <div className="camera">
      {open && <video ref={video} muted playsInline aria-label={t({ zh: '摄像头画面', en: 'Camera' })} />}
      <button type="button" className="light" aria-pressed={open} onClick={() => setOpen(!open)}>
        {open ? t({ zh: '关摄像头', en: 'Close camera' }) : t({ zh: '摄像头扫码', en: 'Scan with camera' })}
      </button>
      {problem && (
        <p role="alert">
          {t({
            zh: '摄像头打不开，请在浏览器里允许，或用扫码枪、手输。',
            en: 'The camera cannot be opened: allow it in the browser, or use a scanner, or type.',
          })}
        </p>
      )}
    </div>
  )
}
