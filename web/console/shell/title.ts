import { useEffect } from 'react'
import { useWords } from '#web/shared/language.ts'

export function useTitle(title: string): void {
  const t = useWords()
  const full = `${title} · CityLoop ${t({ zh: '工作台', en: 'Console' })}`
  useEffect(() => {
    document.title = full
  }, [full])
}
