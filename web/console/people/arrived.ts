const asked = new URLSearchParams(location.search)

/** What the way back from the identity provider said; read before the router tidies the address. */
export const arrived = { error: asked.get('error'), second: asked.get('second') === '1' }

export const ARRIVED_WORDS: Record<string, { zh: string; en: string }> = {
  oidc_refused: {
    zh: '统一身份登录没有成功，请再试一次',
    en: 'The sign-in through the identity provider did not succeed; please try again',
  },
  oidc_unknown: {
    zh: '这个统一身份没有关联本系统账号，请联系管理员',
    en: 'This identity is linked to no account here; please ask your administrator',
  },
  oidc_unavailable: {
    zh: '统一身份服务暂时没有回答，请稍后再试或用账号密码登录',
    en: 'The identity provider does not answer; try later, or sign in with name and password',
  },
  locked_out: {
    zh: '尝试次数过多，请稍后再试',
    en: 'Too many tries; please wait and try again',
  },
}
