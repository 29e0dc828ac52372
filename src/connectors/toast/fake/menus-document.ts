// The document that GET /menus answers, made of a model: references numbered anew each time, every value there even when null.
import type { FakeGroup, FakeItem, FakeModel, FakeOption } from './fake-model.ts';

type Part = Record<string, unknown>;

/** Reference ids begin at `firstReference`, as they differ from one publication to the next. */
export function menusDocument(
  { restaurantGuid, items }: FakeModel,
  { lastUpdated, firstReference }: { lastUpdated: string; firstReference: number },
): Part {
  const numbers = new References(firstReference);
  const onSecond = items.filter((item) => item.otherPrice !== undefined);
  const menus = [
    menuOf('Dinner', restaurantGuid, menuGroups(items.map((item) => itemOf(item, item.price, numbers)))),
    menuOf('Lunch', restaurantGuid, menuGroups(onSecond.map((item) => itemOf(item, item.otherPrice ?? null, numbers)))),
  ];
  return {
    restaurantGuid,
    lastUpdated,
    restaurantTimeZone: 'America/Chicago',
    menus,
    ...numbers.maps(),
  };
}

class References {
  private next: number;
  private readonly groups = new Map<FakeGroup, number>();
  private readonly options = new Map<FakeOption, number>();

  private readonly preModifiers: number;

  constructor(first: number) {
    this.preModifiers = first;
    this.next = first + 1;
  }

  of(groups: readonly FakeGroup[]): number[] {
    return groups.map((group) => {
      const known = this.groups.get(group);
      if (known !== undefined) return known;
      const number = this.next++;
      this.groups.set(group, number);
      for (const option of group.options) {
        if (this.options.has(option)) continue;
        this.options.set(option, this.next++);
        this.of(option.groups);
      }
      return number;
    });
  }

  maps(): Part {
    const groups = [...this.groups].map(([group, number]) => [number, this.groupOf(group, number)]);
    const options = [...this.options].map(([option, number]) => [number, this.optionOf(option, number)]);
    return {
      modifierGroupReferences: Object.fromEntries(groups),
      modifierOptionReferences: Object.fromEntries(options),
      preModifierGroupReferences: { [this.preModifiers]: preModifierGroup },
    };
  }

  private groupOf({ guid, name, options }: FakeGroup, referenceId: number): Part {
    return {
      ...named(name, guid),
      referenceId,
      visibility: ['POS', 'KIOSK'],
      pricingStrategy: 'NONE',
      pricingRules: null,
      defaultOptionsChargePrice: 'NO',
      defaultOptionsSubstitutionPricing: 'NO',
      minSelections: 0,
      maxSelections: null,
      requiredMode: 'OPTIONAL_FORCE_SHOW',
      isMultiSelect: true,
      preModifierGroupReference: this.preModifiers,
      modifierOptionReferences: options.map((option) => this.options.get(option)),
    };
  }

  private optionOf(option: FakeOption, referenceId: number): Part {
    return {
      referenceId,
      ...named(option.name, option.guid),
      ...sellable(option.price, option.pricingStrategy),
      modifierOptionTaxInfo: { taxRateGuids: [], overrideItemTaxRates: false },
      isDefault: false,
      allowsDuplicates: false,
      modifierGroupReferences: this.of(option.groups),
    };
  }
}

const preModifierGroup: Part = {
  name: 'How much',
  guid: '0e770000-0000-4000-a000-000000000000',
  multiLocationId: '10000770000',
  preModifiers: [
    {
      name: 'EXTRA',
      guid: '0e770000-0000-4000-a000-000000000001',
      multiLocationId: '10000770001',
      fixedPrice: 0.5,
      multiplicationFactor: null,
      displayMode: 'PREFIX',
      posName: '',
      posButtonColorLight: '',
      posButtonColorDark: '',
      chargeAsExtra: null,
      plu: '',
    },
  ],
};

function menuOf(name: string, restaurantGuid: string, groups: Part[]): Part {
  return {
    ...named(name, `${name.length}${restaurantGuid.slice(1)}`),
    description: '',
    highResImage: null,
    image: null,
    visibility: ['POS'],
    availability: {
      alwaysAvailable: false,
      schedule: [{ days: ['MONDAY', 'SUNDAY'], timeRanges: [{ start: '11:00', end: '23:00' }] }],
    },
    menuGroups: groups,
  };
}

const groupSize = 50;

/** Groups of fifty; each second one is the child of the one before. */
function menuGroups(items: readonly Part[]): Part[] {
  const groups: Part[] = [];
  for (let from = 0; from < items.length; from += groupSize) {
    const number = from / groupSize;
    const group: Part & { menuGroups: Part[] } = {
      ...named(`Group ${number + 1}`, `${String(number).padStart(8, '0')}-0000-4000-a000-000000000000`),
      description: '',
      image: null,
      visibility: ['POS'],
      itemTags: [],
      menuGroups: [],
      menuItems: items.slice(from, from + groupSize),
    };
    const parent = groups.at(-1) as typeof group | undefined;
    if (number % 2 === 1 && parent !== undefined) parent.menuGroups.push(group);
    else groups.push(group);
  }
  return groups;
}

function itemOf(item: FakeItem, price: number | null, numbers: References): Part {
  return {
    ...named(item.name, item.guid),
    ...sellable(price, item.pricingStrategy),
    isDeferred: false,
    isDiscountable: true,
    taxInclusion: 'TAX_NOT_INCLUDED',
    modifierGroupReferences: numbers.of(item.groups),
    eligiblePaymentAssistancePrograms: [],
    catalogProductInfo: {
      product: { id: item.guid, name: item.name, description: null, type: 'SINGLE', images: [], availableOptions: [] },
      productVariant: { id: item.guid, name: item.name, description: null, selectedOptions: [] },
    },
    isComboParent: null,
  };
}

function named(name: string, guid: string): Part {
  return {
    name,
    guid,
    multiLocationId: `1000${guid.replaceAll(/\D/g, '').slice(0, 11)}`,
    masterId: 1_000,
    posName: '',
    posButtonColorLight: '',
    posButtonColorDark: '',
  };
}

function sellable(price: number | null, pricingStrategy: string): Part {
  return {
    kitchenName: '',
    description: '',
    image: null,
    visibility: ['POS', 'KIOSK', 'TOAST_ONLINE_ORDERING'],
    price,
    pricingStrategy,
    pricingRules: null,
    salesCategory: { name: 'Food', guid: '0f00d000-0000-4000-a000-000000000000' },
    taxInfo: [],
    itemTags: [],
    plu: '',
    sku: '',
    calories: null,
    contentAdvisories: { alcohol: { containsAlcohol: 'NO' } },
    unitOfMeasure: 'NONE',
    portions: [],
    prepTime: null,
    prepStations: [],
    allergens: [],
    length: null,
    height: null,
    width: null,
    dimensionUnitOfMeasure: null,
    weight: null,
    weightUnitOfMeasure: null,
    images: [],
    guestCount: null,
    sortOrder: null,
  };
}
