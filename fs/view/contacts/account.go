package contacts

import (
	"cmp"
	"context"

	"ibfs/fs/view"
)

const accountsPath = "Library/Accounts/Accounts3.sqlite"

// account is the name of a store.
func (b *book) account(store int64) string { return b.stores[store] }

// nameAccounts gives the stores the names of their accounts, which are in a
// database of their own: what the address book itself calls a store, such as
// "Card", tells nobody anything. Where that cannot be read the names stay.
func (b *book) nameAccounts(ctx context.Context, src *view.Source, db *view.Database) {
	identifiers := map[int64]string{} // by ABAccount.ROWID
	err := b.Table(ctx, db, "ABAccount", nil, []string{"rowid", "AccountIdentifier"}, func(r view.Row) {
		identifiers[r.Int(0)] = r.Text(1)
	})
	if err != nil {
		return
	}
	names := accountNames(ctx, src)
	_ = b.Table(ctx, db, "ABStore", nil, []string{"rowid", "AccountID"}, func(r view.Row) {
		if name := names[identifiers[r.Int(1)]]; name != "" {
			b.stores[r.Int(0)] = name
		}
	})
}

// accountNames are the names of the phone's accounts, by their identifiers: that
// of the account that one belongs to, as "iCloud", or its own.
func accountNames(ctx context.Context, src *view.Source) map[string]string {
	db, err := src.Database(ctx, domain, accountsPath)
	if err != nil {
		return nil
	}
	defer db.Close()
	type account struct {
		parent                      int64
		identifier, described, user string
	}
	accounts := map[int64]account{}
	t, err := db.Table(ctx, "ZACCOUNT")
	if err != nil {
		return nil
	}
	for r, err := range db.Scan(ctx, t, "Z_PK", "ZPARENTACCOUNT", "ZIDENTIFIER", "ZACCOUNTDESCRIPTION", "ZUSERNAME") {
		if err == nil {
			accounts[r.Int(0)] = account{r.Int(1), r.Text(2), oneLine(r.Text(3)), oneLine(r.Text(4))}
		}
	}
	names := map[string]string{}
	for _, a := range accounts {
		parent := accounts[a.parent]
		names[a.identifier] = cmp.Or(a.described, parent.described, a.user, parent.user)
	}
	return names
}
