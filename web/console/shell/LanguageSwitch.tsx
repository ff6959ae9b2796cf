import { Segmented } from 'antd'
import { setLanguage, useLanguage, useWords, type Language } from '#web/shared/language.ts'

export function LanguageSwitch() {
  const t = useWords()
  const language = useLanguage()
  return (
    <Segmented<Language>
      aria-label={t({ zh: '语言', en: 'Language' })}
      name="language"
      value={language}
      onChange={setLanguage}
      options={[
        { value: 'zh', label: '中文' },
        { value: 'en', label: 'English' },
      ]}
    />
  )
}
