import { anyone, requires, resident, signedIn } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as accounts from './accounts.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'
import * as merging from './merge.contract.ts'
import * as merges from './merge.ts'
import * as needs from './needs.contract.ts'
import * as mine from './my-account.ts'
import * as oidc from './oidc.ts'
import * as second from './second-factor.ts'
import * as sessions from './sessions.ts'
import { ExportPeople } from './export.contract.ts'
import { exportPeople } from './export.ts'
import * as imports from './imports.ts'
import * as importing from './import.contract.ts'
import * as looks from './looks.ts'
import * as register from './register.ts'

export const peopleRoutes = [
  serve(contract.GetMe, anyone, sessions.getMe),
  serve(contract.SignIn, anyone, actions.signIn),
  serve(contract.SignOut, signedIn, sessions.signOut),
  serve(contract.SendCode, anyone, actions.sendCode),
  serve(contract.SignInByCode, anyone, actions.signInByCode),
  serve(contract.ListDemoAccounts, anyone, actions.listDemoAccounts),
  serve(contract.SignInDemo, anyone, actions.signInDemo),
  serve(contract.ListPeople, requires('people.read'), register.listPeople),
  serve(contract.FindPerson, requires('people.read'), register.findByNumber),
  serve(importing.UploadPeople, requires('people.import'), imports.uploadPeople),
  serve(importing.ListImports, requires('people.import'), imports.listImports),
  serve(importing.GetImport, requires('people.import'), imports.getImport),
  serve(importing.ListImportLines, requires('people.import'), imports.listImportLines),
  serve(importing.AcceptImport, requires('people.import'), imports.acceptImport),
  serve(importing.DropImport, requires('people.import'), imports.dropImport),
  serve(merging.ListDuplicates, requires('people.merge'), merges.listDuplicates),
  serve(merging.DismissDuplicate, requires('people.merge'), merges.dismissDuplicate),
  serve(merging.MergePeople, requires('people.merge'), merges.mergePeople),
  serve(merging.ListMerges, requires('people.merge'), merges.listMerges),
  serve(merging.UndoMerge, requires('people.merge'), merges.undoMerge),
  serve(ExportPeople, requires('people.export'), exportPeople),
  serve(contract.GetPerson, requires('people.read'), register.getPerson),
  serve(needs.SetNeeds, requires('people.needs'), register.setNeeds),
  serve(contract.RevealPerson, requires('people.reveal'), register.revealPerson),
  serve(contract.GetMyRecord, resident, register.getMyRecord),
  serve(contract.ListMyLooks, resident, looks.listMyLooks),
  serve(contract.ListAudit, requires('audit.read'), looks.listAudit),
  serve(contract.VerifyAudit, requires('audit.read'), looks.verifyAudit),
  serve(contract.GetSignInOptions, anyone, oidc.getSignInOptions),
  serve(contract.SignInSecond, anyone, second.signInSecond),
  serve(contract.GetMyAccount, signedIn, mine.getMyAccount),
  serve(contract.ChangePassword, signedIn, mine.changePassword),
  serve(contract.SetUpSecondFactor, signedIn, second.setUpSecondFactor),
  serve(contract.ConfirmSecondFactor, signedIn, second.confirmSecondFactor),
  serve(contract.RenewRecoveryCodes, signedIn, second.renewRecoveryCodes),
  serve(contract.DisableSecondFactor, signedIn, second.disableSecondFactor),
  serve(contract.ListMySessions, signedIn, sessions.listMySessions),
  serve(contract.RevokeMySession, signedIn, sessions.revokeMySession),
  serve(contract.RevokeMyOtherSessions, signedIn, sessions.revokeMyOtherSessions),
  serve(contract.ListAccounts, requires('accounts.write'), accounts.listAccounts),
  serve(contract.CreateAccount, requires('accounts.write'), accounts.createAccount),
  serve(contract.AddGrant, requires('accounts.write'), accounts.addGrant),
  serve(contract.EndGrant, requires('accounts.write'), accounts.endGrant),
  serve(contract.DisableAccount, requires('accounts.write'), accounts.disableAccount),
  serve(contract.EnableAccount, requires('accounts.write'), accounts.enableAccount),
  serve(contract.ResetPassword, requires('accounts.write'), accounts.resetPassword),
  serve(contract.ResetSecondFactor, requires('accounts.write'), accounts.resetSecondFactor),
  serve(contract.SetOidc, requires('accounts.write'), accounts.setOidc),
  serve(contract.ListAccountSessions, requires('accounts.write'), accounts.listAccountSessions),
  serve(contract.RevokeAccountSession, requires('accounts.write'), accounts.revokeAccountSession),
  serve(contract.StartOidc, anyone, oidc.startOidc),
  serve(contract.FinishOidc, anyone, oidc.finishOidc),
]
