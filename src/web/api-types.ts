// What the API answers, as types taken from the very schemas that it validates with.
import type { z } from 'zod';
import type { adoptionSchema } from '../api/v1/access/adoption.ts';
import type { createdKeySchema, keySchema } from '../api/v1/access/key-schemas.ts';
import type { verifySchema } from '../api/v1/access/verify.ts';
import type { auditSchema } from '../api/v1/audit/audit-schema.ts';
import type { aroundSchema, runSettingsSchema } from '../api/v1/details/detail-schemas.ts';
import type { modifierTreeSchema } from '../api/v1/details/modifiers.ts';
import type { runHourSchema } from '../api/v1/events/run-hours.ts';
import type {
  enrolmentSchema,
  linkSchema,
  openSessionSchema,
  sessionSchema,
  userSchema,
} from '../api/v1/people/people-schemas.ts';
import type { importedSitesSchema, listedPlacesSchema } from '../api/v1/places/import-sites.ts';
import type {
  previewSchema,
  recipeOutcomeSchema,
  recipeTextSchema,
  starterSchema,
  storedRecipeSchema,
} from '../api/v1/recipes/recipe-schemas.ts';
import type { foundRejectSchema, rejectGroupSchema } from '../api/v1/rejects/reject-schemas.ts';
import type {
  companySchema,
  conceptSchema,
  connectorSchema,
  itemHistorySchema,
  itemSchema,
  itemWithDataSchema,
  siteSchema,
  sourceSchema,
} from '../api/v1/schemas/catalog-schemas.ts';
import type { checkReportSchema } from '../api/v1/schemas/check-schema.ts';
import type { configSchema, nextTimesSchema, shownConfigSchema } from '../api/v1/schemas/config-schemas.ts';
import type { explanationSchema, whatIfSchema } from '../api/v1/schemas/level-schemas.ts';
import type { Problem as ApiProblem } from '../api/v1/schemas/problem-schema.ts';
import type { logLineSchema, runPayloadSchema } from '../api/v1/schemas/run-log-schema.ts';
import type { changeSchema, duplicateSchema, rejectSchema, runSchema } from '../api/v1/schemas/run-schema.ts';
import type { systemSchema } from '../api/v1/system/system-schema.ts';

export type System = z.infer<typeof systemSchema>;
export type Problem = ApiProblem;
export type Run = z.infer<typeof runSchema>;
export type RunStatus = Run['status'];
export type RunCounts = NonNullable<Run['counts']>;
export type Kind = keyof RunCounts;
export type RunHour = z.infer<typeof runHourSchema>;
export type Change = z.infer<typeof changeSchema>;
export type Reject = z.infer<typeof rejectSchema>;
export type RejectGroup = z.infer<typeof rejectGroupSchema>;
export type FoundReject = z.infer<typeof foundRejectSchema>;
export type StoredRecipe = z.infer<typeof storedRecipeSchema>;
export type RecipeText = z.infer<typeof recipeTextSchema>;
export type RecipeOutcome = z.infer<typeof recipeOutcomeSchema>;
export type RecipeStarter = z.infer<typeof starterSchema>;
export type RecipePreview = z.infer<typeof previewSchema>;
export type Duplicate = z.infer<typeof duplicateSchema>;
export type LogLine = z.infer<typeof logLineSchema>;
export type RunPayload = z.infer<typeof runPayloadSchema>;
export type Config = z.infer<typeof configSchema>;
export type ShownConfig = z.infer<typeof shownConfigSchema>;
export type Explanation = z.infer<typeof explanationSchema>;
export type WhatIf = z.infer<typeof whatIfSchema>;
export type NextTimes = z.infer<typeof nextTimesSchema>;
export type ListedPlace = z.infer<typeof listedPlacesSchema>['data'][number];
export type ImportedSite = z.infer<typeof importedSitesSchema>['data'][number];
export type Source = z.infer<typeof sourceSchema>;
export type Connector = z.infer<typeof connectorSchema>;
export type Item = z.infer<typeof itemSchema>;
export type ItemWithData = z.infer<typeof itemWithDataSchema>;
export type ItemHistory = z.infer<typeof itemHistorySchema>;
export type CheckReport = z.infer<typeof checkReportSchema>;
export type Concept = z.infer<typeof conceptSchema>;
export type Company = z.infer<typeof companySchema>;
export type Site = z.infer<typeof siteSchema>;

export type RunSettings = z.infer<typeof runSettingsSchema>['settings'];
export type RunsAround = z.infer<typeof aroundSchema>;
export type ModifierTree = z.infer<typeof modifierTreeSchema>;
export type ModifierGroup = ModifierTree['groups'][number];
export type Adoption = z.infer<typeof adoptionSchema>;

export type Session = z.infer<typeof sessionSchema>;
export type User = z.infer<typeof userSchema>;
export type Link = z.infer<typeof linkSchema>;
export type OpenSession = z.infer<typeof openSessionSchema>;
export type Key = z.infer<typeof keySchema>;
export type CreatedKey = z.infer<typeof createdKeySchema>;
export type VerifyReport = z.infer<typeof verifySchema>;
export type AuditEntry = z.infer<typeof auditSchema>;
export type Enrolment = z.infer<typeof enrolmentSchema>;
export interface LookedAtLink {
  purpose: z.infer<typeof linkSchema>['purpose'];
  email: string | null;
  name: string | null;
}

export interface Page<Row> {
  data: Row[];
  next: string | null;
}
