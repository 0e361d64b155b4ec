// Numbers and strings that must not be mixed up: a PageId is not a RequestId.

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
