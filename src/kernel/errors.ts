import type { Bilingual, Problem } from './contract.ts'

/** Every error that the API can answer: its HTTP status and what the person can do about it. */
export const ERRORS = {
  bad_input: [400, '提交的内容有误，请按提示修改', 'Something in what was sent is wrong; see the fields'],
  bad_encoding: [400, '内容不是有效的 UTF-8 文本', 'The content is not valid UTF-8 text'],
  bad_cursor: [
    400,
    '翻页标记无效，请从第一页重新开始',
    'The page mark is not valid; start from the first page',
  ],
  not_signed_in: [401, '请先登录', 'Please sign in first'],
  wrong_credentials: [401, '账号或密码不对', 'The name or the password is wrong'],
  wrong_code: [401, '验证码不对或已过期，请重新获取', 'The code is wrong or has expired; ask for a new one'],
  second_factor_needed: [401, '请输入动态码', 'Please give the code of your second factor'],
  second_factor_expired: [
    401,
    '登录已超时或尝试次数用完，请重新输入账号和密码',
    'This took too long or too many tries; please start again with your name and password',
  ],
  wrong_second_code: [
    403,
    '动态码不对或已经用过，请等下一个动态码',
    'The code is wrong or was used already; wait for the next one',
  ],
  wrong_password: [403, '原密码不对', 'The old password is wrong'],
  not_yourself: [
    403,
    '不能给自己授权或停用自己，请由其他管理员办理',
    'Not for your own account; another administrator must do it',
  ],
  not_allowed: [403, '您的岗位不能做这件事', 'Your role may not do this'],
  wrong_origin: [403, '请求来自其他网站，已拒绝', 'The request comes from another site and was refused'],
  not_found: [404, '没有找到', 'Not found'],
  fhir_not_supported: [
    404,
    '不支持这种 FHIR 资源或操作，见 /fhir/metadata',
    'This FHIR resource or interaction is not supported; see /fhir/metadata',
  ],
  place_not_found: [404, '没有这个地点', 'There is no such place'],
  order_not_found: [404, '没有这张工单', 'There is no such work order'],
  request_not_found: [404, '没有这条诉求', 'There is no such request'],
  element_not_found: [404, '没有这个要素', 'There is no such element'],
  person_not_found: [404, '没有这个人', 'There is no such person'],
  id_number_wrong: [
    400,
    '证件号码不对，请核对每一位和证件类型',
    'The identity number is not a valid one of its kind; check each character',
  ],
  import_not_found: [404, '没有这次导入', 'There is no such import'],
  duplicate_not_found: [404, '没有这对疑似重复', 'There is no such pair of possible duplicates'],
  merge_not_found: [404, '没有这次合并', 'There is no such merge'],
  import_not_ready: [
    409,
    '这次导入还不能入库或已经结束，请刷新后再看',
    'This import cannot be stored now, or has ended; reload and look again',
  ],
  import_lost: [
    409,
    '读取的内容已不在，请重新上传文件',
    'What was read is no longer there; upload the file again',
  ],
  already_merged: [
    409,
    '其中一份已经合并过，请刷新后再看',
    'One of the two has been merged already; reload and look again',
  ],
  merge_undone: [409, '这次合并已经撤销', 'This merge has been undone already'],
  export_too_large: [
    413,
    '这个地点的人太多，请选小一些的地点',
    'Too many people for one file; choose a smaller place',
  ],
  unit_elsewhere: [400, '这个单位不管辖工单所在地', 'This unit does not cover the place of the order'],
  returns_used_up: [
    409,
    '退单次数已用完，请办理或联系督办',
    'The order may not be returned again; handle it or ask a supervisor',
  ],
  no_policy_then: [404, '那时还没有生效的政策', 'No policy was in force then'],
  version_not_found: [404, '没有这份政策包', 'There is no such version of a policy pack'],
  enactment_not_found: [404, '没有这项启用记录', 'There is no such enactment'],
  decision_not_found: [404, '没有这项决定', 'There is no such decision'],
  code_not_sent: [502, '验证码没有发出，请稍后再试', 'The code could not be sent; please try again shortly'],
  code_not_valid: [
    400,
    '采样码无效或已过期，请刷新后再扫，或输入证件号',
    'The code is not valid or has run out; renew it, or type the identity number',
  ],
  session_unknown: [404, '没有这次采样，请先选定小区', 'There is no such session; set the compound first'],
  session_too_wide: [400, '请选到居村或小区', 'Choose a neighbourhood or a compound'],
  site_elsewhere: [400, '这个采样点不在所选的地方', 'The site does not lie in the place that was chosen'],
  session_ended: [409, '这次采样已经结束', 'This session has ended'],
  label_mistyped: [400, '条码校验不符，请核对后重输', 'The label does not check; look at it again'],
  tube_overfull: [400, '超过了这支管的人数', 'More people than this tube takes'],
  twice_in_tube: [409, '同一人在这支管里出现了两次', 'The same person stands in this tube twice'],
  tube_taken: [
    409,
    '这支管已由别的记录封管，两份都已留存，已开工单核实',
    'This tube was sealed with another record; both are kept, and an order was opened to settle it',
  ],
  claim_not_found: [404, '没有这份记录', 'There is no such record of the tube'],
  claim_settled: [409, '这份记录已由别人核实定案', 'Somebody has settled this record already'],
  tube_not_found: [
    404,
    '没有这支管；采样设备可能还没有上传，请稍后再试',
    'There is no such tube; the device that sealed it may not have reached us yet, try again later',
  ],
  tube_not_here: [409, '这支管不在您的实验室', 'This tube is not at your laboratory'],
  tested_in_future: [
    400,
    '检测时间在将来，请核对后再报',
    'The test was done in the future: check the time and report again',
  ],
  results_contradict: [
    409,
    '同一次上报对这支管有两个不同结果，都没有收下，请核对',
    'This report says two different things of the tube; neither was taken: check and report again',
  ],
  finding_not_recorded: [
    409,
    '还没有登记复核结论，不能告知',
    'There is no finding yet that the person could be told',
  ],
  card_needs_name: [
    409,
    '您的姓名还没有登记，凭证上无法写明是谁；请到社区或拨打12345登记',
    'Your name is not registered, so a card could not say whose it is; register with the community or call 12345',
  ],
  tube_cannot: [409, '这支管现在不能这样处理', 'This tube cannot be handled so now'],
  recall_not_found: [404, '没有这张追阳单', 'There is no such recall'],
  finding_not_found: [404, '没有这项复核', 'There is no such confirmation'],
  finding_recorded: [409, '复核结论已经登记，不能更改', 'The finding is recorded and does not change'],
  result_not_found: [404, '没有这个结果', 'There is no such result'],
  no_card: [
    409,
    '这个结果现在不能开具凭证；有疑问请拨打12345',
    'There is no card for this result now; call 12345 if you have questions',
  ],
  results_empty: [400, '文件里没有结果行', 'There is no line of results in this file'],
  results_encoding: [
    400,
    '文件编码不能读（如 UTF-16，Excel 称“Unicode 文本”），请另存为 UTF-8 或 GB18030 的 CSV',
    'The encoding cannot be read (UTF-16, which Excel calls Unicode Text, for one); save the file as CSV in UTF-8 or GB18030',
  ],
  results_header: [
    400,
    '第一行须有“管码、结果、检测时间”三列，可下载空白模板',
    'The first line must name the columns tube, result and tested at; take the empty template',
  ],
  results_quotes: [400, '文件里有没有配对的引号，请改正后再传', 'A quotation mark is left open; correct it'],
  results_not_xlsx: [
    400,
    '表格打不开，可能没有传完整，请重新导出后再传',
    'The workbook cannot be opened, perhaps it is incomplete; export it again',
  ],
  results_formulas: [
    400,
    '表格里有公式，请另存为数值后再传',
    'The workbook has formulas; save it with values only',
  ],
  results_unpacked_too_large: [413, '表格展开后太大', 'The workbook unpacks to too much'],
  results_too_many_lines: [
    413,
    '一份文件最多 10000 行，请分开上传',
    'A file takes 10,000 lines at most; upload it in parts',
  ],
  site_not_found: [404, '没有这个采样点', 'There is no such sampling site'],
  slots_not_found: [404, '没有这次排定的时段', 'There is no such plan of times'],
  run_not_found: [404, '没有这次建议', 'There is no such search for suggestions'],
  run_running: [
    409,
    '您的上一次建议还在计算，请等它完成再开始下一次',
    'Your last search is still going on; begin the next one when it is done',
  ],
  suggestion_not_found: [404, '没有这条建议', 'There is no such suggestion'],
  suggestion_decided: [
    409,
    '这条建议已成为工单，请在工单里办',
    'This suggestion is an order already; go on with the order',
  ],
  site_changed: [
    409,
    '别人刚改过这个采样点，请看过新内容再改',
    'Somebody has just changed this site; look at what stands now and change it again',
  ],
  site_closed_then: [
    409,
    '采样点那时不开，请换时间或先延长开放',
    'The site is closed then; choose another time, or extend its hours first',
  ],
  round_not_found: [404, '没有这一轮筛查', 'There is no such round'],
  plan_not_found: [404, '现行政策里没有这个检测安排', 'The policy in force has no such test plan'],
  plan_needs_no_round: [
    400,
    '这个安排按职业在全市一直执行，不用开轮次；请选按区域的安排',
    'This plan holds for an occupation all over the city and needs no round; choose a plan of an area',
  ],
  round_in_past: [
    400,
    '轮次最早从今天开始：过去的日子不能补开，否则会把没有被要求的人算作漏检',
    'A round begins today at the earliest: people would be missing a test that nobody had asked of them',
  ],
  round_too_far: [
    400,
    '开始日期超过政策包允许提前的天数',
    'It begins later than the policy pack lets a round be planned ahead',
  ],
  round_too_long: [
    400,
    '轮次超过政策包规定的最长天数，到期后请另开一轮',
    'It is longer than the policy pack allows; open another one when it is over',
  ],
  place_too_wide: [400, '请选到街镇或居村', 'Choose a subdistrict or a neighbourhood'],
  nobody_missing: [
    409,
    '这里这类人员今天应做的都已做完，不用上门',
    'Everybody of this group here has done what they owe today; nobody has to be visited',
  ],
  antigen_ahead: [
    400,
    '自测时间还没有到，请按实际时间填写',
    'The time of the test has not come yet; give the time at which it was done',
  ],
  antigen_too_old: [
    400,
    '自测时间过早，不能再报告，请重新自测',
    'The test is too long ago to be reported; please take another one',
  ],
  antigen_too_many: [
    409,
    '今天报告的自测已经够多；身体不适或需要帮助，请拨打 12345',
    'Enough self-tests were reported today; if you feel ill or need help, call 12345',
  ],
  antigen_photo: [
    415,
    '请附上试剂的照片（JPEG、PNG 或 WebP）',
    'Please add a picture of the test (JPEG, PNG or WebP)',
  ],
  antigen_not_found: [404, '没有这次自测', 'There is no such self-test'],
  hold_not_found: [404, '没有这项待更正的结果', 'There is no such contradiction'],
  hold_decided: [409, '这项矛盾已经处理', 'This contradiction has been settled'],
  lab_not_found: [
    400,
    '没有这个实验室，或它还没有申报能力',
    'There is no such laboratory, or it has not said what it can do',
  ],
  box_not_found: [
    404,
    '没有这个箱；采样设备可能还没有上传，请单独放好、稍后再扫',
    'There is no such box; the device that packed it may not have reached us yet: set it aside and scan it again later',
  ],
  box_taken: [409, '这个箱码已被使用，请换一个', 'This box label is in use; take another'],
  box_gone: [409, '箱已交接，不能再装', 'The box has left; nothing can be added'],
  box_tested: [
    409,
    '箱内已有管出了结果，不能退回',
    'A tube of this box has a result; the box stays with the laboratory that tested it',
  ],
  box_elsewhere: [
    409,
    '这个箱已由另一实验室签收，已记录在案',
    'Another laboratory has received this box; that it was shown here is on record',
  ],
  appeal_not_found: [404, '没有这件申诉', 'There is no such appeal'],
  appeal_open: [
    409,
    '您对这项决定的申诉正在办理，请等待答复',
    'Your appeal against this decision is being handled; please wait for the answer',
  ],
  appeal_answered: [409, '这件申诉已经答复', 'This appeal has been answered already'],
  decision_replaced: [
    409,
    '这项决定已被新的决定代替，请对新的决定申诉',
    'Another decision stands instead of this one; appeal against that',
  ],
  rule_not_found: [404, '现行政策里没有这条规则', 'The policy in force has no such rule'],
  pack_has_faults: [400, '政策包有误，请先改正', 'The pack has faults; mend them first'],
  version_taken: [
    409,
    '这个版本号已有另一份内容，请换一个版本号',
    'This version exists with other content; choose another version number',
  ],
  needs_another_person: [
    403,
    '须由另一个人签署：同一人不能签两次',
    'Another person must sign: nobody signs twice',
  ],
  not_what_was_proposed: [
    409,
    '内容与提议时不同，请重新查看后再签',
    'This is not the content that was proposed; look again before you sign',
  ],
  enactment_settled: [409, '这项提议已经了结', 'This has been settled already'],
  overlay_over: [409, '区级规定的期限已过', 'The end of this overlay has passed already'],
  last_policy: [
    409,
    '这是唯一有效的政策，请先启用另一份再撤回',
    'It is the only policy in force; enact another one before retracting it',
  ],
  returns_left: [
    409,
    '还可以退单，退单用完后才能申请仲裁',
    'The order can still be returned; arbitration is for when that is used up',
  ],
  arbitrated: [
    409,
    '已由仲裁确定承办单位，不能再退单或改派',
    'The arbiter has decided who handles this; it cannot be returned or sent elsewhere',
  ],
  extensions_used_up: [
    409,
    '延期次数已用完，请按时办结或联系督办',
    'No further extension is possible; handle it in time or ask a supervisor',
  ],
  parts_open: [
    409,
    '还有协办没有答复，请等待答复或说明理由免除协办',
    'A helper has not answered yet; wait for the answer or waive the part with a reason',
  ],
  part_not_found: [404, '没有这项协办', 'There is no such part'],
  helper_is_lead: [409, '主办单位不能同时协办', 'The lead cannot be its own helper'],
  own_review: [403, '不能审核自己提出的申请，请由他人审核', 'Somebody else must review what you asked for'],
  cannot_merge_into: [
    409,
    '不能并入这张工单：它不存在、已办结或就是本单',
    'It cannot be merged into that order: it has ended, is not there or is the same',
  ],
  too_late_to_undo: [409, '撤销的时限已过', 'It is too late to take this back'],
  bulk_not_found: [404, '没有这次批量操作', 'There is no such bulk action'],
  attachment_not_found: [404, '没有这个附件', 'There is no such attachment'],
  attachment_type: [
    415,
    '只能上传 JPEG、PNG、WebP 图片和 PDF 文件',
    'Only JPEG, PNG and WebP pictures and PDF files can be attached',
  ],
  attachments_full: [409, '这张工单的附件已满', 'No further file can be attached to this order'],
  moved_on: [409, '工单之后又有变动，不能撤销', 'The order has moved on since and cannot be taken back'],
  unit_not_found: [404, '没有这个承办单位', 'There is no such unit'],
  account_not_found: [404, '没有这个账号', 'There is no such account'],
  grant_not_found: [404, '没有这项授权', 'There is no such grant'],
  session_not_found: [404, '没有这个登录', 'There is no such session'],
  username_taken: [409, '这个账号名已有人使用', 'This user name is taken'],
  identity_taken: [409, '这个统一身份已关联其他账号', 'This identity is linked to another account already'],
  second_factor_set: [409, '已启用动态码，请先停用', 'A second factor is set already; turn it off first'],
  second_factor_missing: [409, '尚未设置动态码', 'No second factor has been set up'],
  action_not_allowed: [
    409,
    '工单现在的状态不能这样操作，请刷新后再看',
    'The order cannot do this in its present state; reload and look again',
  ],
  order_changed: [
    409,
    '工单刚被别人更新，请刷新后再操作',
    'Somebody has just changed this order; reload and try again',
  ],
  same_id_other_content: [
    409,
    '同一编号已提交过不同的内容',
    'The same id was sent before with other content',
  ],
  glass_not_needed: [
    409,
    '这个地方本来就在您的权限内，无需越权查看',
    'You may read this place already; nothing has to be broken',
  ],
  too_large: [413, '内容太大', 'The content is too large'],
  wrong_media_type: [415, '请用 JSON 提交', 'Please send JSON'],
  file_expected: [415, '请上传 CSV 或 XLSX 文件', 'Please upload a CSV or XLSX file'],
  locked_out: [429, '尝试次数过多，请稍后再试', 'Too many tries; please wait and try again'],
  too_many_requests: [429, '操作太频繁，请稍后再试', 'Too many requests; please wait and try again'],
  overloaded: [
    429,
    '系统繁忙，紧急诉求优先，请稍后再试',
    'The system is busy and urgent requests go first; please try again',
  ],
  internal: [500, '系统出错，已记录', 'Something went wrong; it has been recorded'],
  database_unavailable: [
    503,
    '数据库暂时不可用，正在恢复，请稍后再试',
    'The database is away and being recovered; please try again',
  ],
  stopping: [503, '系统正在停机维护', 'The system is stopping'],
  too_slow: [503, '处理超时，请稍后再试', 'This took too long; please try again'],
} as const satisfies Record<string, readonly [number, string, string]>

export type ErrorCode = keyof typeof ERRORS

/** An answer that is an error. `detail` must hold nothing personal: it goes to the client and the log. */
export class CityError extends Error {
  override name = 'CityError'
  readonly code: ErrorCode
  readonly fields: { path: string; code: string }[] | undefined
  readonly retryAfter: number | undefined
  constructor(
    code: ErrorCode,
    more: { detail?: string; fields?: { path: string; code: string }[]; retryAfter?: number } = {},
  ) {
    super(more.detail ?? ERRORS[code][2])
    this.code = code
    this.fields = more.fields
    this.retryAfter = more.retryAfter
  }
}

export function words(code: ErrorCode): Bilingual {
  const [, zh, en] = ERRORS[code]
  return { zh, en }
}

/** RFC 9457 body of an error. */
export function problem(error: CityError): Problem {
  const [status, titleZh, title] = ERRORS[error.code]
  return {
    type: `urn:cityloop:error:${error.code}`,
    title,
    titleZh,
    status,
    code: error.code,
    ...(error.message !== title && { detail: error.message }),
    ...(error.fields && { fields: error.fields }),
  }
}
