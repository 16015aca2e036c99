package main

import (
	"encoding/json"
	"sync"
	"testing"

	"ibfs/capture/fakedevice"
)

// All phones are asked at once who they are: none of these answers before all are.
func TestLookSideBySide(t *testing.T) {
	phones := []*fakedevice.Phone{{Name: "Anna's iPhone"}, {Name: "Ben's iPhone"}, {Name: "Cleo's iPad"}}
	var asked sync.WaitGroup
	asked.Add(len(phones))
	for _, p := range phones {
		once := sync.OnceFunc(asked.Done)
		p.Faults.Answers = func() { once(); asked.Wait() }
	}
	plugIn(t, phones...)
	out, _ := works(t, "devices", "--json")
	var told []struct{ Name, Error string }
	if err := json.Unmarshal([]byte(out), &told); err != nil || len(told) != len(phones) {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, p := range phones {
		if told[i].Name != p.Name || told[i].Error != "" {
			t.Errorf("%+v", told[i])
		}
	}
}

// A phone that is named by its UDID, however that is written, is the only one to be
// asked anything.
func TestUDIDIsEnough(t *testing.T) {
	anna, ben := &fakedevice.Phone{Name: "Anna's iPhone"}, &fakedevice.Phone{Name: "Ben's iPhone"}
	ben.Faults.Answers = func() { t.Error("the other is asked") }
	plugIn(t, anna, ben)
	for _, name := range []string{"00008110-000A1C2E3F408010", "00008110000a1c2e3f408010"} {
		works(t, "pair", "--device", name)
	}
}
