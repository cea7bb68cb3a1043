package io.consoul.session;

import io.consoul.message.ListSessions;
import io.consoul.message.Owner;
import io.consoul.message.Tenant;

/**
 * One of the lists that a tenant's sessions are in. A session is in one of them as long as it lives: that which it was made
 * in.
 *
 * @param owner whose list, or null for the tenant's
 */
record ListName(Tenant tenant, Owner owner) {

  /** Stands in no name of a tenant or an owner. */
  private static final char DOT = '.';

  static ListName of(ListSessions list) {
    return new ListName(list.tenant(), list.owner());
  }

  /** Reads what {@link #toString} wrote. */
  static ListName parse(String name) {
    int dot = name.indexOf(DOT);
    return dot < 0
        ? new ListName(new Tenant(name), null)
        : new ListName(new Tenant(name.substring(0, dot)), new Owner(name.substring(dot + 1)));
  }

  @Override
  public String toString() {
    return owner == null ? tenant.name() : tenant.name() + DOT + owner.name();
  }
}
