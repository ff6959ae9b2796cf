import { anyone, requires, resident, signedIn } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as accounts from './accounts.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'
import * as admin from './accounts.contract.ts'
import * as seen from './looks.contract.ts'
import * as own from './my-account.contract.ts'
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
  serve(seen.ListMyLooks, resident, looks.listMyLooks),
  serve(seen.ListAudit, requires('audit.read'), looks.listAudit),
  serve(seen.VerifyAudit, requires('audit.read'), looks.verifyAudit),
  serve(own.GetSignInOptions, anyone, oidc.getSignInOptions),
  serve(own.SignInSecond, anyone, second.signInSecond),
  serve(own.GetMyAccount, signedIn, mine.getMyAccount),
  serve(own.ChangePassword, signedIn, mine.changePassword),
  serve(own.SetUpSecondFactor, signedIn, second.setUpSecondFactor),
  serve(own.ConfirmSecondFactor, signedIn, second.confirmSecondFactor),
  serve(own.RenewRecoveryCodes, signedIn, second.renewRecoveryCodes),
  serve(own.DisableSecondFactor, signedIn, second.disableSecondFactor),
  serve(own.ListMySessions, signedIn, sessions.listMySessions),
  serve(own.RevokeMySession, signedIn, sessions.revokeMySession),
  serve(own.RevokeMyOtherSessions, signedIn, sessions.revokeMyOtherSessions),
  serve(admin.ListAccounts, requires('accounts.write'), accounts.listAccounts),
  serve(admin.CreateAccount, requires('accounts.write'), accounts.createAccount),
  serve(admin.AddGrant, requires('accounts.write'), accounts.addGrant),
  serve(admin.EndGrant, requires('accounts.write'), accounts.endGrant),
  serve(admin.DisableAccount, requires('accounts.write'), accounts.disableAccount),
  serve(admin.EnableAccount, requires('accounts.write'), accounts.enableAccount),
  serve(admin.ResetPassword, requires('accounts.write'), accounts.resetPassword),
  serve(admin.ResetSecondFactor, requires('accounts.write'), accounts.resetSecondFactor),
  serve(admin.SetOidc, requires('accounts.write'), accounts.setOidc),
  serve(admin.ListAccountSessions, requires('accounts.write'), accounts.listAccountSessions),
  serve(admin.RevokeAccountSession, requires('accounts.write'), accounts.revokeAccountSession),
  serve(own.StartOidc, anyone, oidc.startOidc),
  serve(own.FinishOidc, anyone, oidc.finishOidc),
]
