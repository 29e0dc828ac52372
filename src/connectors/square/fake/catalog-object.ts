// The shapes of catalog objects that the pretend Square sends, as the vendor documents them.

export interface Money {
  amount: number;
  currency: string;
}

export interface LocationOverride {
  location_id: string;
  price_money?: Money;
  pricing_type?: 'FIXED_PRICING' | 'VARIABLE_PRICING';
  sold_out?: boolean;
}

interface ObjectBase {
  id: string;
  updated_at: string;
  version: number;
  is_deleted: boolean;
  present_at_all_locations: boolean;
  present_at_location_ids?: string[];
  absent_at_location_ids?: string[];
}

export interface FakeVariation extends ObjectBase {
  type: 'ITEM_VARIATION';
  item_variation_data: {
    item_id: string;
    name: string;
    ordinal: number;
    pricing_type: 'FIXED_PRICING' | 'VARIABLE_PRICING';
    price_money?: Money;
    location_overrides?: LocationOverride[];
    sellable: boolean;
  };
}

export interface ListInfo {
  modifier_list_id: string;
  min_selected_modifiers: number;
  max_selected_modifiers: number;
  enabled: boolean;
  modifier_overrides?: { modifier_id: string; on_by_default: boolean }[];
}

export interface FakeItem extends ObjectBase {
  type: 'ITEM';
  item_data: {
    name: string;
    product_type: 'REGULAR' | 'FOOD_AND_BEV';
    is_archived: boolean;
    modifier_list_info?: ListInfo[];
    variations: FakeVariation[];
  };
}

export interface FakeModifier extends ObjectBase {
  type: 'MODIFIER';
  modifier_data: {
    name: string;
    ordinal: number;
    modifier_list_id: string;
    price_money?: Money;
    location_overrides?: LocationOverride[];
  };
}

export interface FakeList extends ObjectBase {
  type: 'MODIFIER_LIST';
  modifier_list_data: { name: string; selection_type: 'SINGLE' | 'MULTIPLE'; modifiers: FakeModifier[] };
}

export interface FakeDiscount extends ObjectBase {
  type: 'DISCOUNT';
  discount_data: {
    name: string;
    discount_type: 'FIXED_PERCENTAGE' | 'FIXED_AMOUNT' | 'VARIABLE_PERCENTAGE' | 'VARIABLE_AMOUNT';
    percentage?: string;
    amount_money?: Money;
  };
}

export type FakeObject = FakeItem | FakeVariation | FakeList | FakeModifier | FakeDiscount;
