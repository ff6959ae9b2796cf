import { anyone, signedIn } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const peopleRoutes = [
  serve(contract.GetMe, anyone, actions.getMe),
  serve(contract.SignIn, anyone, actions.signIn),
  serve(contract.SignOut, signedIn, actions.signOut),
  serve(contract.SendCode, anyone, actions.sendCode),
  serve(contract.SignInByCode, anyone, actions.signInByCode),
  serve(contract.ListDemoAccounts, anyone, actions.listDemoAccounts),
  serve(contract.SignInDemo, anyone, actions.signInDemo),
]
